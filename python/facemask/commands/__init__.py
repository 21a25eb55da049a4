"""Parts of the command line: types of arguments, inputs, formats, and the commands of the service."""
