import { describe, expect, it } from 'vitest'
import { parsePathTemplate, renderFolder } from './path-template.js'

const backup = { id: 'full-1', type: 'full', startedAt: new Date('2024-02-29T23:59:58.999Z') }

describe('parsePathTemplate', () => {
  it.each([
    ['./backups', './backups', ''],
    ['./backups/', './backups', ''],
    ['./backups/{date}/', './backups', '{date}'],
    ['./backups/{year}/x/{month}', './backups', '{year}/x/{month}'],
    ['./backups/db-{date}/{type}', './backups', 'db-{date}/{type}'],
    ['{date}', '', '{date}'],
    ['/{date}', '/', '{date}'],
    ['/', '/', ''],
    ['', '', ''],
    ['s3://bucket/prefix/{date}', 's3://bucket/prefix', '{date}'],
  ])('cuts %j into %j and %j', (path, root, folder) => {
    expect(parsePathTemplate(path)).toEqual({ root, folder })
  })

  it.each([
    ['{dat}', 'did you mean "date"'],
    ['{backupid}', 'did you mean "backupId"'],
    ['a/{hostname}', '{hostname} is not a variable'],
    ['{}', '{} is not a variable'],
    ['{constructor}', '{constructor} is not a variable'],
    ['{date', 'a brace is not closed'],
    ['date}', 'a brace is not closed'],
    ['{{date}}', 'a brace is not closed'],
  ])('refuses %j', (path, why) => {
    expect(() => parsePathTemplate(path)).toThrow(
      expect.objectContaining({ code: 'invalid_options', message: expect.stringContaining(why) }),
    )
  })
})

describe('renderFolder', () => {
  it('fills in the start of the backup, in UTC', () => {
    const all = '{date}/{time}/{year}/{month}/{day}/{backupId}/{type}'
    expect(renderFolder(all, backup)).toBe('2024-02-29/23-59-58/2024/02/29/full-1/full')
    expect(renderFolder('{year}-{year}/', backup)).toBe('2024-2024')
    expect(renderFolder('', backup)).toBe('')
  })

  it.each(['..', '../{date}', '{date}/..', './x', 'a/./b', '/a', 'a//b'])('refuses %j', (folder) => {
    expect(() => renderFolder(folder, backup)).toThrow(expect.objectContaining({ code: 'invalid_options' }))
  })
})
