import { createHash } from 'node:crypto'
import { parseEncryption } from '@s3db-backup/encryption'
import { openDriver } from '@s3db-backup/plugin'
import { parsePolicy } from '@s3db-backup/retention'
import type { Reader, Seed } from '../reader.ts'

// User configuration reaches these functions as parsed JSON. Users mean no harm, but a mistake must give a clear
// message and not a stack trace.

const seeds = (all: Readonly<Record<string, unknown>>): Seed[] =>
  Object.entries(all).map(([name, value]) => ({ name, bytes: Buffer.from(JSON.stringify(value, null, 2)) }))

const parsed = (bytes: Uint8Array): unknown => JSON.parse(Buffer.from(bytes).toString('utf8'))

const recipients: Reader = {
  name: 'recipients',
  seeds: seeds({
    key: { algorithm: 'AES-256-GCM', key: `base64:${createHash('sha256').update('a key').digest('base64')}` },
    passphrase: {
      algorithm: 'AES-256-GCM',
      key: 'plum-orbit-seventeen-quiet-lanterns',
      keyDerivation: { algorithm: 'PBKDF2', iterations: 100_000, salt: 'a salt that nobody else has, 7319' },
    },
    several: {
      algorithm: 'AES-256-GCM',
      recipients: [
        { id: 'one', key: `hex:${createHash('sha256').update('another').digest('hex')}` },
        { id: 'two', passphrase: 'amber fjord walks at midnight', keyDerivation: { algorithm: 'scrypt' } },
        {
          id: 'three',
          kms: { keyArn: 'arn:aws:kms:eu-west-1:111122223333:key/12345678-1234-1234-1234-123456789012' },
        },
      ],
    },
  }),
  changed: ['json'],
  promises: 'valid',
  inputs: 400,
  async read(bytes) {
    const { recipients, warnings } = parseEncryption(parsed(bytes))
    if (recipients.length === 0) throw new Error('encrypted for nobody')
    return warnings
  },
}

const driverOptions: Reader = {
  name: 'options of a driver',
  seeds: seeds({
    filesystem: {
      driver: 'filesystem',
      config: { path: 'backups/{year}', permissions: 384 },
      compression: 'gzip',
    },
    s3: {
      driver: 's3',
      config: {
        ...{ bucket: 'backups', path: 'nightly/{date}/', region: 'eu-west-1', storageClass: 'STANDARD_IA' },
        ...{ serverSideEncryption: 'AES256', endpoint: 'http://127.0.0.1:9', forcePathStyle: true },
        credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret-example' },
      },
      retention: { daily: 7, weekly: 4 },
    },
    multi: {
      driver: 'multi',
      config: {
        strategy: 'all',
        destinations: [
          { driver: 'filesystem', config: { path: 'one' } },
          { driver: 'filesystem', config: { path: 'two' } },
        ],
      },
    },
  }),
  changed: ['json'],
  promises: 'valid',
  inputs: 400,
  async read(bytes) {
    const options: unknown = parsed(bytes)
    // From JavaScript the constructor may get anything; its types say what is right.
    const driver: unknown = Reflect.apply(openDriver, undefined, [options])
    if (typeof driver !== 'object' || driver === null) throw new Error('no driver')
    return Reflect.get(driver, 'name')
  },
}

const retention: Reader = {
  name: 'retention policy',
  seeds: seeds({
    periods: { daily: 7, weekly: 4, monthly: 12, yearly: 'all', timezone: 'Europe/Berlin' },
    within: { keepLast: 3, keepWithin: '30d', minKeep: 2 },
  }),
  changed: ['json'],
  promises: 'valid',
  inputs: 300,
  read: async (bytes) => parsePolicy(parsed(bytes)),
}

export const configurationReaders: readonly Reader[] = [recipients, driverOptions, retention]
