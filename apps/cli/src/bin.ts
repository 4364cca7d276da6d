#!/usr/bin/env node
import { endProcess } from './end-process.js'
import { run } from './run.js'
import { keepHeapSmall } from './small-heap.js'

keepHeapSmall()
const code = await run(process.argv.slice(2))
process.exitCode = code
// A shell completion must answer at once.
if (process.argv[2] === '__complete') process.exit()
// A connection that closes slowly must not keep the terminal waiting. If nothing is open, this never fires.
setTimeout(() => endProcess(code), 1500).unref()
