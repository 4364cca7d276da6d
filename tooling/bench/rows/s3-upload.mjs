import { inChild } from '../child.mjs'
import { inTurn, median } from '../measure.mjs'

const mebibyte = 1024 * 1024

/** One body to S3 by this product's driver and by the AWS SDK's own uploader, each in a process of its own. */
async function compare({ bytes, times }) {
  const peaks = { ours: [], theirs: [] }
  const upload = (who) => async () => {
    const { rate, peakMiB } = inChild('s3-upload.mjs', [who, bytes])
    peaks[who].push(peakMiB)
    return rate
  }
  const measured = await inTurn(times, upload('ours'), upload('theirs'))
  const [ours, theirs] = [peaks.ours, peaks.theirs].map((peak) => Math.round(median(peak)))
  return { ...measured, note: `peak memory ${ours} and ${theirs} MiB` }
}

export const rows = [
  {
    what: 'upload of a body of 1 GiB to S3',
    against:
      'Upload of `@aws-sdk/lib-storage`, with its own settings or with those of this product, whichever is faster',
    reach: 'at least 0.95',
    unit: 'MiB/s',
    sizes: { full: { bytes: 1024 * mebibyte, times: 5 }, quick: { bytes: 32 * mebibyte, times: 1 } },
    run: compare,
  },
]
