import type { BackupError } from '@s3db-backup/core'

/** What becomes of all that is written to stdout. */
export interface Output {
  /** Whether its reader is gone. */
  unread(): boolean
  /** Resolves once stdout takes more, or its reader has gone. */
  drained(): Promise<void>
  /** See `Terminal.written`. */
  written(): Promise<void>
}

/**
 * Watches stdout. A reader that is gone (`| head`) has what it wanted, so that is not a failure. A full disk under `>
 * list.json` is one, because nobody may mistake half a document for a whole one.
 */
export function watchOutput(stdout: NodeJS.WriteStream): Output {
  let unread = false
  let failure: NodeJS.ErrnoException | undefined
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') unread = true
    else failure ??= error
  })
  return {
    unread: () => unread,
    drained: () =>
      new Promise((resolve) => {
        const done = () => {
          stdout.off('drain', done).off('error', done).off('close', done)
          resolve()
        }
        stdout.on('drain', done).on('error', done).on('close', done)
        if (!stdout.writableNeedDrain) done()
      }),
    async written() {
      if (!unread && failure === undefined) await flushed(stdout)
      if (failure !== undefined) throw await unwritten(failure)
    },
  }
}

/** An error of the stream also comes as an event, which counts. */
function flushed(stdout: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    stdout.write('', () => setImmediate(resolve))
  })
}

async function unwritten(cause: NodeJS.ErrnoException): Promise<BackupError> {
  // Loaded only now: a successful command does not need it.
  const { BackupError } = await import('@s3db-backup/core/messages')
  const full = cause.code === 'ENOSPC' || cause.code === 'EDQUOT'
  return new BackupError(
    full ? 'no_space' : 'unavailable',
    full
      ? 'Cannot write the output: no space left at the destination of stdout'
      : `Cannot write the output to stdout (${cause.code ?? cause.message})`,
    {
      operation: 'output',
      suggestion: 'The command finished its work; only its output is lost. Send the output elsewhere.',
      cause,
    },
  )
}
