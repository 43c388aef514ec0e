"""Running untrusted commands, and touching the files they leave behind, without trusting either.

limits       how much of the machine one command may use
bubblewrap   `find_sandbox`: the namespaces, the private uid, the command line
process      one process tree: merged and capped output, a deadline, a watch, a sure end
watch        what a running command uses in sum, for which the kernel has no limit
folder       reads and writes beneath a folder that never follow a link out of it
"""
