/** A worker thread of `crew-node.ts`. */
import { parentPort } from 'node:worker_threads'
import { crewThread } from './crew-thread.ts'

const told = crewThread((answer, buffers) => parentPort?.postMessage(answer, buffers))
parentPort?.on('message', told)
