import type { Finding } from '@s3db-backup/core/internal'
import { timeRequest } from '../clock.js'
import { found, note, ok } from './finding.js'
import type { Probe } from './probe.js'

/** S3 refuses requests from 15 minutes on. In ms. */
const tolerated = 15 * 60_000
const worthTelling = 60_000

/** Reaches the bucket, with credentials, region and name as they are, and compares the clocks. */
export async function checkAccess({ connection, signal }: Probe): Promise<Finding[]> {
  const { bucket } = connection.options
  const request = timeRequest(connection)
  const access = await found('access', signal, async () => {
    await connection.send(request.command, signal)
    return ok('access', `The bucket ${bucket} can be reached and listed`)
  })
  const date = request.date()
  return date === undefined ? [access] : [access, compareClocks(date.getTime() - Date.now())]
}

function compareClocks(difference: number): Finding {
  const seconds = Math.round(Math.abs(difference) / 1000)
  if (Math.abs(difference) < worthTelling) return ok('clock', 'The clock agrees with the server’s')
  const direction = difference > 0 ? 'behind' : 'ahead of'
  const limit = Math.abs(difference) < tolerated ? 'S3 tolerates 15 minutes' : 'more than S3 tolerates'
  return note(
    'clock',
    `The clock is ${seconds} s ${direction} the server’s; ${limit}`,
    'Set the clock (NTP).',
  )
}
