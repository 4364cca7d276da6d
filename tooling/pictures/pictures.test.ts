import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { terminalPicture } from './draw-terminal.mjs'
import { retentionFile, retentionPicture, yearOfBackups } from './retention.mjs'
import { terminalFile, terminalRun } from './terminal.mjs'

/** The words of a picture, without what differs from run to run. */
const words = (svg: string) =>
  svg
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/\d{4}-\d\d-\d\d[T ][\d:.-]+\w*(?:-[a-z0-9]{6})?/g, 'TIME')
    .replaceAll(/[\d.,]+\s(?:ms|s|kB)\b/g, 'SIZE')
    .replaceAll(/\b[0-9a-f]{64}\b/g, 'HASH')
    .replaceAll(/\d+\.\d+\.\d+/g, 'VERSION')
    .split(' ')

it('the picture of a terminal shows the current output of the command', async () => {
  const again = terminalPicture(await terminalRun())
  expect(words(readFileSync(terminalFile, 'utf8'))).toEqual(words(again))
})

it('the picture of retention shows the current result of a plan', () => {
  expect(readFileSync(retentionFile, 'utf8')).toBe(retentionPicture(yearOfBackups()))
})
