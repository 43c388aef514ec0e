"""The mill: token forests, the trainer, rollouts and the `katydid-train` command."""
