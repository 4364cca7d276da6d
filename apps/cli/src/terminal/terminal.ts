import { type Redactor, redactor } from '@s3db-backup/core/messages'
import pc from 'picocolors'
import { watchOutput } from './output.js'
import { atPlace } from './shell-words.js'
import { inOneLine, visible, visibleJson } from './visible.js'
import { wrapped } from './wrapped.js'

export type Colors = ReturnType<typeof pc.createColors>

/** What a command prints to. Every text passes the redactor on its way out, so no command can forget it. */
export interface Terminal {
  readonly redactor: Redactor
  /** Colours for what goes to stdout. */
  readonly colors: Colors
  /** Colours for what goes to stderr. */
  readonly errorColors: Colors
  /** One JSON document instead of words. */
  json: boolean
  /** Only what a script needs. */
  quiet: boolean
  /** The options that say where the backups are, as they were typed: what is advised has them, too. */
  place: string
  /** Whether a person watches: both streams are terminals. */
  readonly watched: boolean
  /** Characters in a line of the screen; `undefined` if stdout is not a terminal. */
  readonly width: number | undefined
  /** The same of stderr. */
  readonly errorWidth: number | undefined
  /** The line that changes during the work. Stays empty if nobody watches. */
  readonly live: LiveLine
  readonly input: NodeJS.ReadStream
  /** A line of the result, on stdout. */
  print(text?: string): void
  /** A line about the work, on stderr. Nothing with `--quiet` or `--json`. */
  note(text: string): void
  /** Something that somebody should know though the work went well: a line on stderr, and with `--strict` an exit code. */
  warn(warning: { readonly message: string; readonly suggestion: string }): void
  /** How many there were. */
  readonly warnings: number
  /** A line of an error, on stderr. */
  complain(text: string): void
  /**
   * A piece of the result, on stdout: unchanged, except for characters that would control a terminal. Resolves once
   * stdout accepts more.
   */
  write(piece: string | Uint8Array): Promise<void>
  /** The result as the one JSON document on stdout. */
  document(value: unknown): void
  /** One line of JSON on stdout, of a result that comes piece by piece. */
  record(value: unknown): void
  /** Whether the reader of stdout is gone, as with `| head`. Then output is lost, and the work continues. */
  readonly unread: boolean
  /** Waits until all of stdout is out of this process. Throws if some of it could not be written: a full disk, say. */
  written(): Promise<void>
  /** One line of JSON on stderr. */
  event(value: unknown): void
}

interface Streams {
  readonly stdin: NodeJS.ReadStream
  readonly stdout: NodeJS.WriteStream
  readonly stderr: NodeJS.WriteStream
  readonly env: NodeJS.ProcessEnv
}

/** The terminal of this process. `--json` is looked for beforehand: a bad command line is an error in JSON, too. */
export function openTerminal({ stdin, stdout, stderr, env }: Streams, argv: readonly string[]): Terminal {
  const hide = redactor(env)
  for (const argument of argv) if (argument.includes('://')) hide.hideConnection(argument)
  const watched = stdout.isTTY === true && stderr.isTTY === true
  const live = liveLine(stderr, watched, hide.text)
  const color = (stream: NodeJS.WriteStream) =>
    pc.createColors(!argv.includes('--no-color') && wantsColor(stream, env))
  const line = (stream: NodeJS.WriteStream, text: string) => {
    live.clear()
    stream.write(`${visible(hide.text(text))}\n`)
  }
  const output = watchOutput(stdout)
  // If writing to stderr fails, there is nowhere else to report it.
  stderr.on('error', () => undefined)
  const decoder = new TextDecoder()
  const asText = (piece: string | Uint8Array) =>
    typeof piece === 'string' ? piece : decoder.decode(piece, { stream: true })
  let warnings = 0
  const told = new Set<string>()
  const terminal: Terminal = {
    redactor: hide,
    colors: color(stdout),
    errorColors: color(stderr),
    json: argv.includes('--json'),
    quiet: false,
    place: '',
    watched,
    get width() {
      return stdout.isTTY ? stdout.columns : undefined
    },
    get errorWidth() {
      return stderr.isTTY ? stderr.columns : undefined
    },
    live,
    input: stdin,
    print: (text = '') => line(stdout, text),
    note(text) {
      if (!terminal.quiet && !terminal.json) line(stderr, text)
    },
    warn({ message, suggestion }) {
      if (told.has(message)) return
      told.add(message)
      warnings += 1
      // Redacted before it is wrapped: a secret that is split across lines would not be found.
      const text = hide.text(`${inOneLine(message)}. ${atPlace(suggestion, terminal.place)}`)
      const [first = '', ...more] = wrapped(text, (terminal.errorWidth ?? Number.POSITIVE_INFINITY) - 2)
      terminal.note(`${terminal.errorColors.yellow('!')} ${first}`)
      for (const part of more) terminal.note(`  ${part}`)
    },
    get warnings() {
      return warnings
    },
    complain: (text) => line(stderr, text),
    async write(piece) {
      live.clear()
      // A character may be split across two pieces.
      const shown = stdout.isTTY === true ? visible(asText(piece)) : piece
      if (stdout.write(shown) || output.unread()) return
      await output.drained()
    },
    document: (value) => line(stdout, visibleJson(JSON.stringify(hide.document(plain(value)), null, 2))),
    record: (value) => line(stdout, visibleJson(JSON.stringify(hide.document(plain(value))))),
    get unread() {
      return output.unread()
    },
    written: output.written,
    event: (value) => line(stderr, visibleJson(JSON.stringify(hide.document(plain(value))))),
  }
  return terminal
}

/** https://no-color.org and https://force-color.org: set and not empty; FORCE_COLOR=0 asks for none. */
function wantsColor(stream: NodeJS.WriteStream, env: NodeJS.ProcessEnv): boolean {
  if (env.NO_COLOR) return false
  if (env.FORCE_COLOR) return env.FORCE_COLOR !== '0' && env.FORCE_COLOR !== 'false'
  return stream.isTTY === true && env.TERM !== 'dumb'
}

/** Dates, errors and the like as JSON has them. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value) ?? 'null')
}

/** The one line at the bottom of a terminal that shows how far the work is. */
export interface LiveLine {
  /** Shows a text in place of the one before. It has to fit into `width()`. */
  show(text: string): void
  /** Takes the line away and leaves the cursor where it began. */
  clear(): void
  /** Characters that fit. */
  width(): number
}

const hideCursor = '\x1b[?25l'
const showCursor = '\x1b[?25h'
const eraseRest = '\x1b[K'

/** A live line on a stream; one that stays silent if nobody watches. */
export function liveLine(
  stream: NodeJS.WriteStream,
  watched: boolean,
  redacted: (text: string) => string,
): LiveLine {
  let shown: string | undefined
  return {
    show(given) {
      const text = inOneLine(redacted(given))
      if (!watched || text === shown) return
      // Overwritten, not erased first: an erased line flickers.
      stream.write(`${shown === undefined ? hideCursor : ''}\r${text}${eraseRest}`)
      shown = text
    },
    clear() {
      if (shown === undefined) return
      stream.write(`\r${eraseRest}${showCursor}`)
      shown = undefined
    },
    // The last column stays free: a full line makes some terminals wrap.
    width: () => (stream.columns ?? 80) - 1,
  }
}
