import { abortCases } from './cases/abort.js'
import { clockCases } from './cases/clock.js'
import { concurrencyCases } from './cases/concurrency.js'
import { deleteCases } from './cases/delete.js'
import { getCases } from './cases/get.js'
import { keyCases } from './cases/keys.js'
import { listCases } from './cases/list.js'
import { putCases } from './cases/put.js'
import { putFailureCases } from './cases/put-failure.js'
import type { ContractCase } from './contract-case.js'

/** The whole driver contract, sentence by sentence. Each case can be run alone, in any order. */
export const contractCases: readonly ContractCase[] = [
  ...putCases,
  ...putFailureCases,
  ...getCases,
  ...listCases,
  ...deleteCases,
  ...keyCases,
  ...concurrencyCases,
  ...abortCases,
  ...clockCases,
]
