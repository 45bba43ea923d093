/** A thread that looks at a whole database beside the host that serves from it, and says whether it is whole. */
import { parentPort, workerData } from 'node:worker_threads'
import { lookIntoSqlite } from '../../vault/store/sqlite.ts'
import { checkStore, isDamage } from './checks.ts'

let result: 'whole' | 'damaged'
try {
  const store = lookIntoSqlite(workerData as string)
  result = checkStore(store).length === 0 ? 'whole' : 'damaged'
  await store.close()
} catch (error) {
  if (!isDamage(error)) throw error
  result = 'damaged'
}
parentPort?.postMessage(result)
