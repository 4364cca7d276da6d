#!/usr/bin/env node
process.stdout.write('s3db-backup has no commands yet.\n')
