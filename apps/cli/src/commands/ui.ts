import { readFile } from 'node:fs/promises'
import { BackupError } from '@s3db-backup/core'
import type { Redactor } from '@s3db-backup/core/internal'
import type { BackupPlugin } from '@s3db-backup/plugin'
import type { CutOff, PageServer, PageOptions as ServedPage } from '@s3db-backup/ui'
import type { Command } from 'commander'
import { openDatabase, openNowhere } from '../access/database.js'
import { loadPage } from '../access/load-page.js'
import { openPlugin } from '../access/open-plugin.js'
import { checkConnection } from '../config/connection.js'
import { namesIfAny, type PlaceOptions, wholeNumber, withConnection, withPlace } from '../config/options.js'
import { readSettings } from '../config/settings.js'
import { stopped } from '../interrupts.js'
import type { Session } from '../session.js'
import { asInstalled } from '../terminal/install-words.js'

export interface PageOptions {
  readonly host: string
  readonly allowedHost?: readonly string[] | undefined
  readonly passwordFile?: string | undefined
  readonly trustProxy?: readonly string[] | undefined
  readonly proxyHeader?: string | undefined
  readonly allowWrites?: boolean | undefined
}

interface UiOptions extends PlaceOptions, PageOptions {
  readonly connection?: string | undefined
  readonly port: number
}

const examples = `
Prints a link that opens the page and works once. The page is read-only; with
--allow-writes it also restores and runs drills. It listens on this machine
only. On another address it needs --password-file or --trust-proxy, and a proxy
that adds TLS.

Install it separately: ${asInstalled('npm install @s3db-backup/ui')}

Examples:
  s3db-backup ui
  s3db-backup ui --connection file:///srv/app --allow-writes
  s3db-backup ui --host 10.0.0.5 --allowed-host backups.example \\
    --password-file /etc/s3db-backup.password`

export function uiCommand(command: Command, session: Session): void {
  withPage(withPlace(withConnection(command, 'the database to compare with and to restore into')))
    .option('--port <n>', 'the port; 0 for any free port', wholeNumber, 7780)
    .option('--host <address>', 'the address to listen on', '127.0.0.1')
    .addHelpText('after', examples)
    .action((options: UiOptions) => ui(session, options))
}

/** The options of every command that serves the page. */
export function withPage(command: Command): Command {
  return command
    .option('--allow-writes', 'allow restores and drills from the page (default: read-only)')
    .option('--allowed-host <names>', 'more host names under which browsers open the page', namesIfAny)
    .option('--password-file <file>', 'ask for the password in this file instead of printing a link')
    .option('--trust-proxy <addresses>', 'the addresses of a proxy that authenticates users', namesIfAny)
    .option('--proxy-header <name>', 'the header that names the user (default: x-forwarded-user)')
}

/**
 * `s3db-backup ui`: serves a page for backups until it is stopped, which is its proper end: it exits with 0, unless that
 * cuts off a restore or a drill.
 */
export async function ui(session: Session, options: UiOptions): Promise<void> {
  const { terminal, signal } = session
  const settings = await readSettings(options, terminal)
  const { connection } = settings
  const opened =
    connection === undefined
      ? await openNowhere(session)
      : await openDatabase(checkConnection(connection), session, { mustExist: true })
  try {
    const plugin = openPlugin(settings, opened.database)
    const page = await openPage(session, plugin, { ...options, connection })
    try {
      if (terminal.json) terminal.record({ event: 'listening', url: page.url, link: page.link() })
      else terminal.print(page.link())
      if (!terminal.quiet) {
        terminal.note('Open it in a browser. Ctrl-C ends it.')
        for (const warning of page.warnings) terminal.note(warning)
      }
      await stopped(signal)
      tellCutOff(session, await page.close())
    } finally {
      await page.close()
    }
  } finally {
    await opened.close()
  }
}

/** @throws the reason of the stop, if work that somebody had started on the page did not come to its end. */
export function tellCutOff(session: Session, cut: readonly CutOff[]): void {
  if (cut.length === 0) return
  session.stopping = {
    done: cut.flatMap(({ kind, backup, target, done }) => [
      `Cut off: the ${kind} of ${backup}${target === null ? '' : ` into ${target}`}`,
      ...done,
    ]),
    details: { cutOff: cut },
    suggestion: 'To go on, start them again on the page.',
  }
  session.signal.throwIfAborted()
}

/** Serves the page of a plugin. `connection` is the database that it works for, if it was given one. */
export async function openPage(
  { terminal, place }: Session,
  plugin: BackupPlugin,
  options: PageOptions & {
    readonly port: number
    readonly connection: string | undefined
    readonly following?: boolean | undefined
    readonly notified?: ServedPage['notified']
  },
): Promise<PageServer> {
  const { servePage } = await loadPage()
  const { connection, port, host, allowWrites, following, notified, allowedHost, trustProxy, proxyHeader } =
    options
  const password = await readPassword(options.passwordFile, terminal.redactor)
  return servePage({
    ...{ plugin, port, host, allowWrites, following, notified, password },
    redactor: terminal.redactor,
    database: connection === undefined ? undefined : { label: terminal.redactor.text(connection) },
    allowedHosts: allowedHost,
    trustProxy: trustProxy === undefined ? undefined : { addresses: trustProxy, header: proxyHeader },
    placeOptions: place,
    onCrash: (error) =>
      terminal.complain(error instanceof Error ? (error.stack ?? error.message) : String(error)),
  })
}

/** The first line of a file. No message holds any of it. */
async function readPassword(file: string | undefined, redactor: Redactor): Promise<string | undefined> {
  if (file === undefined) return undefined
  try {
    const [password = ''] = (await readFile(file, 'utf8')).split(/\r?\n/, 1)
    redactor.hide(password)
    return password
  } catch (cause) {
    throw new BackupError('invalid_options', `The password file ${file} could not be read`, {
      operation: 'validateConfig',
      suggestion: 'Check --password-file.',
      cause,
    })
  }
}
