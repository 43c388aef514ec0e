"""Rollouts: a small tool-use environment, a sampler, and trajectories with exact token ids."""
