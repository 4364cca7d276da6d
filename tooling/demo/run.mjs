// `pnpm demo`: runs the built command line as a user would.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'

const bin = join(import.meta.dirname, '../../apps/cli/dist/bin.js')
const { status, error } = spawnSync(process.execPath, [bin, 'demo'], { stdio: 'inherit' })
if (error) throw error
process.exitCode = status ?? 1
