"""Where papers and pictures are kept: a folder of this machine, or an S3-compatible store that all machines share."""
