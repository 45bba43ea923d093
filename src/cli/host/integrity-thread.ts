/** A thread that looks at a whole database beside the host that serves from it, and says whether it is whole. */
import { parentPort, workerData } from 'node:worker_threads'
import { lookIntoSqlite } from '../../vault/store/sqlite.ts'
import { checkStore } from './checks.ts'

const store = lookIntoSqlite(workerData as string)
const findings = checkStore(store)
await store.close()
parentPort?.postMessage(findings.length === 0 ? 'whole' : 'damaged')
