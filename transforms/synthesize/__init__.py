"""Pull requests replayed as tool-use dialogues, with tools that really run.

config      SynthesizeConfig
snapshots   where the repository's files at the base commit come from
checkout    those files in a folder, brought from one commit to the next
tools       list, search, read, edit (path-safe, in this process) and run (only in a sandbox)
plan        a pull request as exact edits, each with a text that occurs once
task        the request, and what in it is worth searching for
transcript  the messages so far, and what has been seen in them
explore     finding the files without being told where they are
agent       the whole course: explore, read, edit, check, report
phrases     the sentences of the assistant
rows        Synthesize: pull requests in, dialogues out
"""
