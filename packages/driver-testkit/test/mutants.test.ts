import { describe, expect, test } from 'vitest'
import { contractCases } from '../src/contract.js'
import type { ContractCase } from '../src/contract-case.js'
import { memory } from '../src/doubles/memory.js'
import { runCase } from '../src/run-case.js'
import { abortMutants } from './mutants/abort.js'
import { clockMutants } from './mutants/clock.js'
import { concurrencyMutants } from './mutants/concurrency.js'
import { deleteMutants, keyMutants } from './mutants/delete-and-keys.js'
import { getMutants } from './mutants/get.js'
import { listMutants } from './mutants/list.js'
import { born, deaf } from './mutants/mutant.js'
import { putMutants } from './mutants/put.js'
import { putFailureMutants } from './mutants/put-failure.js'

const mutants = [
  ...putMutants,
  ...putFailureMutants,
  ...getMutants,
  ...listMutants,
  ...deleteMutants,
  ...keyMutants,
  ...concurrencyMutants,
  ...abortMutants,
  ...clockMutants,
]

const options = { prefix: 'scratch', signal: deaf, hugeBytes: 2_000_000 }
/** For those that hang. A right driver has all the time that a busy machine may need. */
const impatient = { ...options, patience: 300 }

const caseById = (id: string): ContractCase => {
  const found = contractCases.find((each) => each.id === id)
  if (found === undefined) throw new Error(`there is no case ${id}`)
  return found
}

describe.each(mutants)('a driver that $name', (mutant) => {
  test.each(mutant.caughtBy)('is caught by %s', async (id) => {
    const { failure } = await runCase(caseById(id), born(mutant), impatient)
    const found = failure?.error
    expect(found).toBeInstanceOf(Error)
    // A case that crashes has not found anything.
    expect(found).not.toBeInstanceOf(TypeError)
  })
})

describe('the contract', () => {
  test('has no case that never fails', () => {
    const catching = new Set(mutants.flatMap(({ caughtBy }) => caughtBy))
    expect(contractCases.map(({ id }) => id).filter((id) => !catching.has(id))).toEqual([])
  })

  test('has no two cases with the same id or title', () => {
    expect(new Set(contractCases.map(({ id }) => id)).size).toBe(contractCases.length)
    expect(new Set(contractCases.map(({ title }) => title)).size).toBe(contractCases.length)
  })

  test.each(contractCases)('lets a correct driver pass and leaves nothing: $id', async (each) => {
    const driver = memory()
    expect(await runCase(each, driver, options)).toEqual({ failure: undefined, leftovers: [] })
    expect([...driver.objects.keys()]).toEqual([])
  })
})
