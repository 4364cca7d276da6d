import { signalOf } from './interrupts.js'

/**
 * Ends this process at once. Node's own exit waits for its calls to file systems, and a call to a network share that is
 * gone, or to a pipe, never ends. A process that was told to stop then ends by that signal, which shells report with the
 * same code.
 */
export function endProcess(code: number): never {
  const signal = signalOf(code)
  if (signal !== undefined && process.getActiveResourcesInfo().some((name) => name.startsWith('FSReq'))) {
    process.removeAllListeners(signal)
    process.kill(process.pid, signal)
  }
  process.exit(code)
}
