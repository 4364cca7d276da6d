import { randomUUID } from 'node:crypto'
import type { Call } from '@s3db-backup/core'
import type { Finding } from '@s3db-backup/core/internal'
import type { Connection } from '../connection/connection.js'
import { checkAccess } from './access.js'
import { checkChecksums, checkListing, checkListingOrder, checkWriteOnce } from './behaviour.js'
import { found } from './finding.js'
import type { Probe } from './probe.js'
import { checkDelete, checkMultipart, checkRead, checkWrite } from './rights.js'
import { checkObjectLock, checkVersioning } from './settings.js'

/**
 * Checks whether a bucket can be backed up to, restored from and pruned: reaches it, writes a few small objects below
 * the driver's prefix, tries on them what a backup needs, and removes them. Reports all problems at once, not only the
 * first; if the bucket cannot be reached at all, that is the only one.
 *
 * Resolves with one finding per check, also where something failed; rejects only with `signal.reason`.
 */
export async function doctor(connection: Connection, { signal }: Call): Promise<Finding[]> {
  const { objectLock, ...options } = connection.options
  // Without object lock: locked probes could not be removed.
  const probe: Probe = {
    connection: { ...connection, options },
    folder: `s3db-doctor-${randomUUID()}`,
    kind: 'part',
    signal,
  }
  const access = await checkAccess(probe)
  if (access.some(({ error }) => error !== undefined && error.metadata.action === undefined)) return access
  const findings = [...access]
  findings.push(await found('write', signal, () => checkWrite(probe)))
  if (findings.at(-1)?.level === 'ok') {
    findings.push(await found('read', signal, () => checkRead(probe)))
    findings.push(await found('multipart', signal, () => checkMultipart(probe)))
    findings.push(await found('write-once', signal, () => checkWriteOnce(probe)))
    findings.push(await found('checksums', signal, () => checkChecksums(probe)))
    findings.push(await found('listing', signal, () => checkListing(probe)))
    findings.push(await found('listing-order', signal, () => checkListingOrder(probe)))
    findings.push(await found('delete', signal, () => checkDelete(probe)))
  }
  findings.push(await found('versioning', signal, () => checkVersioning(probe)))
  findings.push(await found('object-lock', signal, () => checkObjectLock(probe, objectLock !== undefined)))
  return findings
}
