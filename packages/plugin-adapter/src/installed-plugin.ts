import { captureRejectionSymbol, EventEmitter } from 'node:events'
import { type Database, isDatabase } from '@s3db-backup/s3db'
import { leaveName, normalizedName, takeName } from './context/instance-names.js'
import { follow } from './context/lifecycle.js'
import { type PluginContext, pluginContext } from './context/plugin-context.js'
import { stopped } from './context/running.js'
import type { ListenerArguments } from './events/backup-events.js'
import type { PluginBackup } from './operations/results.js'
import { type DriverInfo, driverInfo } from './operations/storage-info.js'
import type { Assembly } from './options/assembly.js'
import type { BackupCall } from './options/backup-call.js'
import { type PluginConfig, type PluginOptions, parsePluginOptions } from './options/plugin-options.js'
import { scheduledBackups } from './options/schedule-options.js'
import { type NextRun, type Schedule, schedule } from './schedule/schedule.js'
import { scheduleWork } from './schedule/schedule-runs.js'
import { notInstalled } from './target/open-target.js'

/** What s3db.js makes of the class `BackupPlugin`. */
const defaultSlug = 'backup'

/**
 * A plugin's life cycle in an s3db.js database: created from its options, installed, started, stopped, and following
 * the database as it connects and disconnects. The plugin's work is in `DatabasePlugin`.
 */
export abstract class InstalledPlugin extends EventEmitter<ListenerArguments> {
  /** Set by s3db.js when the plugin is given to it. */
  instanceName?: string
  /** Distinguishes it from other instances; `null` if there is nothing. */
  namespace: string | null = null
  /** Its name in the way of s3db.js: `backup`, or `backup--<namespace>`. */
  slug: string
  /** The destination of the plugin, for people. */
  readonly driver: DriverInfo
  readonly #context: PluginContext
  readonly #schedule: Schedule
  #database: Database | undefined
  /** The database whose coming and going is noticed. */
  #followed: Database | undefined
  #letGo: () => void = () => undefined
  /** After `stop()` the schedule waits for `start()`, and no longer for the database. */
  #stopped = false

  constructor(options: PluginOptions | Database | undefined, assembly: Assembly) {
    super({ captureRejections: true })
    // s3db.js constructs plugins that it is given as classes with the database as the only argument.
    const given = parsePluginOptions(isDatabase(options) ? { database: options } : (options ?? {}))
    this.#context = pluginContext(given, assembly, this, () => this.#database)
    const { config, destination } = this.#context
    this.slug = config.slug ?? defaultSlug
    if (config.namespace !== undefined) this.setNamespace(config.namespace)
    // s3db.js puts its logger here for plugins that have none.
    if (config.logger !== undefined) Reflect.set(this, 'logger', config.logger)
    this.driver = driverInfo(destination, config)
    this.#schedule = schedule(
      scheduledBackups(config.schedule),
      scheduleWork(this.#context, (type, call) => this.backup(type, call)),
    )
    if (config.database !== undefined) this.#attach(config.database)
  }

  /** The context shared by the methods. */
  protected get context(): PluginContext {
    return this.#context
  }

  /** Called by a schedule. */
  abstract backup(type?: string, options?: BackupCall): Promise<PluginBackup>

  get config(): PluginConfig {
    return this.#context.config
  }

  /** The ids of what is being done right now. */
  get activeBackups(): Set<string> {
    return this.#context.running.ids
  }

  /** Called by `db.usePlugin`. Remembers the database; reads, writes and creates nothing. */
  async install(database: unknown): Promise<void> {
    if (!isDatabase(database)) throw notInstalled()
    this.#attach(database)
    const { encryption, logger, announce } = this.#context
    const taken = takeName(database, this.instanceName ?? defaultSlug, this)
    if (taken !== undefined) {
      logger()?.warn({ ...taken.metadata }, taken.message)
      announce('plg:backup:warning', taken)
    }
    for (const warning of encryption?.warnings ?? []) logger()?.warn({}, warning)
  }

  /** Begins to follow the schedule, if there is one: at once, or when the database is connected. */
  async start(): Promise<void> {
    this.#stopped = false
    if (this.#database?.isConnected() === true) this.#schedule.start(this.config.catchUp)
  }

  /**
   * Stops the schedule and waits for what is under way; with `abort` ends it, and waits until it has cleaned up.
   * Not to be awaited in a hook, which what is under way waits for itself.
   */
  async stop(options: { readonly abort?: boolean | undefined } = {}): Promise<void> {
    const { running, announce } = this.#context
    this.#stopped = true
    const silent = this.#schedule.stop()
    await (options.abort === true ? running.end(stopped('The plugin was stopped')) : running.finish())
    await silent
    // Nothing of ours is left; any id still here was added by somebody else.
    for (const id of running.ids) announce('plg:backup:cancelled', { id })
    running.ids.clear()
  }

  async uninstall(): Promise<void> {
    await this.stop()
    if (this.#database !== undefined) leaveName(this.#database, this.instanceName ?? defaultSlug, this)
    this.#letGo()
    this.#followed = undefined
    this.#database = undefined
  }

  /** When scheduled backups are due next, the soonest first. */
  nextRuns(): NextRun[] {
    return this.#schedule.nextRuns()
  }

  setInstanceName(name: string): void {
    this.instanceName = name
    const { namespace, slug = defaultSlug } = this.config
    if (namespace === undefined && normalizedName(name) !== slug) this.setNamespace(name)
  }

  setNamespace(name: string | null): void {
    const { slug = defaultSlug } = this.config
    this.namespace = (name === null ? undefined : normalizedName(name)) ?? null
    this.slug = this.namespace === null ? slug : `${slug}--${this.namespace}`
  }

  /** A listener that is async and fails: reported, like one that throws. */
  override [captureRejectionSymbol](error: unknown, event: unknown, ..._payload: unknown[]): void {
    this.#context.logger()?.warn({ error, event: String(event) }, 'a listener of a backup event failed')
  }

  #attach(database: Database): void {
    if (database === this.#followed) return
    this.#letGo()
    this.#database = database
    this.#followed = database
    this.#letGo = follow(database, {
      connected: () => {
        if (!this.#stopped) this.#schedule.start(this.config.catchUp)
      },
      disconnected: () => {
        // s3db.js removes all listeners now. If the plugin is added again after a reconnect, it follows again.
        this.#followed = undefined
        void this.#schedule.stop()
        void this.#context.running.end(stopped('The database was disconnected'))
      },
    })
  }
}
