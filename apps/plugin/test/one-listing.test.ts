import type { Driver } from '@s3db-backup/core'
import { memory } from '@s3db-backup/driver-testkit'
import { expect, it } from 'vitest'
import { BackupPlugin } from '../src/index.js'

it('an overview of a destination is one listing of it', async () => {
  const inner = memory()
  const prefixes: string[] = []
  const driver: Driver = {
    ...inner,
    list(prefix, call) {
      prefixes.push(prefix)
      return inner.list(prefix, call)
    },
  }
  expect(await new BackupPlugin({ driver }).overview()).toEqual({ backups: [], unfinished: [] })
  expect(prefixes).toEqual([''])
})
