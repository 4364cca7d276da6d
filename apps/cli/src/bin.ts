#!/usr/bin/env node
import { run } from './run.js'
import { keepHeapSmall } from './small-heap.js'

keepHeapSmall()
process.exitCode = await run(process.argv.slice(2))
// A shell completion must answer at once.
if (process.argv[2] === '__complete') process.exit()
// A connection that closes slowly must not keep the terminal waiting. If nothing is open, this never fires.
setTimeout(() => process.exit(), 1500).unref()
