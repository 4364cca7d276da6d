#!/usr/bin/env node
import { run } from './run.js'
import { keepHeapSmall } from './small-heap.js'

keepHeapSmall()
process.exitCode = await run(process.argv.slice(2))
// Somebody waits for the end of a word.
if (process.argv[2] === '__complete') process.exit()
// A connection that is slow to close must not keep the terminal waiting; if nothing is open this never fires.
setTimeout(() => process.exit(), 1500).unref()
