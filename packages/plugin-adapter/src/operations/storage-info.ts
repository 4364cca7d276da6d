import type { Destination } from '../options/destination.js'
import type { PluginConfig } from '../options/plugin-options.js'

/** The description of the destination in `plugin.driver`. */
export interface DriverInfo {
  /** `filesystem`, `s3`, `multi`, or the name of a driver of one's own. */
  getType(): string
  getStorageInfo(): StorageInfo
}

export interface StorageInfo {
  readonly type: string
  /** The driver's options as they were given, without credentials. */
  readonly config: Readonly<Record<string, unknown>>
  /** The place below which all backups lie. */
  readonly path: string
}

export function driverInfo(destination: Destination, { config }: Pick<PluginConfig, 'config'>): DriverInfo {
  return {
    getType: () => destination.type,
    getStorageInfo: () => ({
      type: destination.type,
      config: withoutSecrets(config),
      path: destination.locate('').replace(/(?<=.)\/+$/, ''),
    }),
  }
}

/** Names under which drivers take what must not be shown. */
const secret =
  /^(credentials|client|accessKeyId|secretAccessKey|sessionToken|sseCustomerKey|.*(password|passphrase|secret).*)$/i

function withoutSecrets(config: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const shown = Object.entries(config).filter(([name]) => !secret.test(name))
  return Object.fromEntries(shown.map(([name, value]) => [name, showing(value)]))
}

function showing(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(showing)
  return isPlain(value) ? withoutSecrets(value) : value
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
}
