import { readFileSync } from 'node:fs'

const kibibytes = /^VmHWM:\s*(\d+) kB$/m

/**
 * The most memory (RSS) that this process has had, in MiB. On Linux `process.resourceUsage().maxRSS` will not do:
 * there it begins with the peak of the process that started this one.
 */
export function peakMiB(): number {
  if (process.platform !== 'linux') return process.resourceUsage().maxRSS / 1024
  const found = kibibytes.exec(readFileSync('/proc/self/status', 'utf8'))
  if (found === null)
    throw new Error('/proc/self/status has no VmHWM: this system does not tell a peak of memory')
  return Number(found[1]) / 1024
}
