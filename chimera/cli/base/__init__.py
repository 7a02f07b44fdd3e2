"""What every subcommand stands on: errors, output, options, the way to the API."""
