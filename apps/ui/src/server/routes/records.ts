import type { Hono } from 'hono'
import * as z from 'zod'
import { recordDetails, recordHistory, recordPage, resourceList } from '../../api/records.js'
import { answer, queryOf } from '../answer.js'
import type { Page } from '../page.js'
import { shortened } from '../shortened.js'
import { recordDetailsOf } from '../views/record-details.js'
import { recordHistoryOf } from '../views/record-history.js'
import { recordPageOf } from '../views/record-page.js'
import type { Visit } from '../visit.js'
import { wanted } from '../wanted.js'

const backup = z.string().min(1).max(200)
const resource = z.string().max(1024)
const pageQuery = z.object({
  backup,
  resource,
  from: z.string().max(2048).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  /** A field, and a text that its value holds; without a field, any value. */
  field: z.string().max(1024).optional(),
  holds: z.string().max(1024).optional(),
})
const recordQuery = z.object({ backup, resource, id: z.string().max(2048) })

/** Records, read where they lie. */
export function recordRoutes(app: Hono<Visit>, page: Page): void {
  const { opened, redactor } = page
  app.get('/api/resources', async (context) => {
    const { backup: id } = queryOf(context, z.object({ backup }))
    const found = await opened.anew(id)
    return answer(context, redactor, resourceList, {
      backup: found.id,
      at: found.manifest.exportedAt,
      resources: found.resources().map((one) => ({ ...one })),
    })
  })

  app.get('/api/records', async (context) => {
    const query = queryOf(context, pageQuery)
    const signal = wanted(context, page)
    const shown = await opened.read(query.backup, (found) => recordPageOf(found, query, signal))
    return context.json(shortened(recordPage.parse(shown)))
  })

  app.get('/api/record', async (context) => {
    const { backup: id, resource: name, id: record } = queryOf(context, recordQuery)
    const signal = wanted(context, page)
    const details = await opened.read(id, async (found) =>
      recordDetailsOf(found, name, await found.get(name, record, { signal })),
    )
    return context.json(recordDetails.parse(details))
  })

  app.get('/api/history', async (context) => {
    const { backup: id, resource: name, id: record } = queryOf(context, recordQuery)
    const which = { resource: name, id: record }
    const signal = wanted(context, page)
    const versions = await recordHistoryOf({ opened, signal }, await opened.anew(id), which)
    return context.json(recordHistory.parse(versions))
  })
}
