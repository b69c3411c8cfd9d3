"""How the targets are called that have names: in `--to`, and in what a mapping remembers of its list."""

SANDBOX = "sandbox"
KLAVIYO = "klaviyo"
