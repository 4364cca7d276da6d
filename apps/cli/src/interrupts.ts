import type { Terminal } from './terminal/terminal.js'

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

type Signal = (typeof signals)[number]

/** 128 and the signal's number, as shells report it. */
const exitCodes: Readonly<Record<Signal, number>> = {
  SIGINT: 130,
  SIGTERM: 143,
  SIGHUP: 129,
}

/** The signal that an exit code stands for; none for every other code. */
export function signalOf(code: number): Signal | undefined {
  return signals.find((name) => exitCodes[name] === code)
}

/** The part of a process that has to do with signals. */
export interface SignalSource {
  on(name: Signal, listener: (name: Signal) => void): unknown
  off(name: Signal, listener: (name: Signal) => void): unknown
}

export interface Interrupts {
  /** Aborts at the first signal. */
  readonly signal: AbortSignal
  /** The exit code once the work has ended. */
  exitCode(): number
  close(): void
}

/**
 * The first Ctrl-C (or SIGTERM, or the SIGHUP of a terminal that closes) lets the work end and clean up after itself;
 * the second ends the process at once, whatever is left behind.
 */
export function listenForInterrupts(
  source: SignalSource,
  terminal: Terminal,
  exit: (code: number) => never,
): Interrupts {
  const controller = new AbortController()
  let code = exitCodes.SIGINT
  const receive = (name: Signal) => {
    if (controller.signal.aborted) {
      terminal.live.clear()
      exit(exitCodes[name])
    }
    code = exitCodes[name]
    terminal.live.clear()
    terminal.note(
      name === 'SIGINT'
        ? 'Stopping… press Ctrl-C again to stop at once.'
        : 'Stopping… send it again to stop at once.',
    )
    controller.abort(new DOMException('Stopped', 'AbortError'))
  }
  const names = Object.keys(exitCodes) as Signal[]
  for (const name of names) source.on(name, receive)
  return {
    signal: controller.signal,
    exitCode: () => code,
    close() {
      for (const name of names) source.off(name, receive)
    },
  }
}

/** Resolves once the signal aborts: for what goes on until it is stopped. */
export function stopped(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
