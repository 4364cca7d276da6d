import { readFile } from 'node:fs/promises'
import { type Manifest, manifestSchema } from '@s3db-backup/core'
import type { PluginBackup } from '@s3db-backup/plugin-adapter'
import * as z from 'zod'

const localSchema = z.looseObject({ manifestPath: z.string() })

/** A backup's manifest, if it lies in this machine's file system. The catalog has checked it before. */
export async function manifestOf({ driverInfo }: PluginBackup): Promise<Manifest | undefined> {
  const local = localSchema.safeParse(driverInfo)
  if (!local.success) return undefined
  return manifestSchema.parse(JSON.parse(await readFile(local.data.manifestPath, 'utf8')))
}
