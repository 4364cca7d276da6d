import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'

/** How often a process is looked at, in ms. */
const interval = process.platform === 'linux' ? 50 : 500

/**
 * Calls `onExceeded` once if a process uses more memory than the limit. On Windows this is not measured: there the
 * limits of DuckDB and of the JavaScript heap apply.
 */
export function watchMemory(
  pid: number | undefined,
  limit: number,
  onExceeded: () => void,
): { stop(): void } {
  let looking = false
  const timer = setInterval(async () => {
    if (looking || pid === undefined) return
    looking = true
    const held = await residentBytes(pid)
    looking = false
    if (held === undefined || held <= limit) return
    clearInterval(timer)
    onExceeded()
  }, interval)
  timer.unref()
  return { stop: () => clearInterval(timer) }
}

/** What `VmRSS` of proc(5) or `ps` says; nothing where the process is gone or nobody can be asked. */
async function residentBytes(pid: number): Promise<number | undefined> {
  if (process.platform === 'win32') return undefined
  const text =
    process.platform === 'linux'
      ? await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
      : await promisify(execFile)('ps', ['-o', 'rss=', '-p', String(pid)]).then(
          ({ stdout }) => `VmRSS: ${stdout}`,
          () => '',
        )
  const kilobytes = /VmRSS:\s*(\d+)/.exec(text)?.[1]
  return kilobytes === undefined ? undefined : Number(kilobytes) * 1024
}
