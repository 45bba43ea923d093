import type { Figure } from '../harness/figure.ts'
import { openConnections, p99, play, type Script } from '../samples/connections.ts'
import { startHostileTraffic } from '../samples/hostile-traffic.ts'
import { serveRecord } from '../samples/served-record.ts'

/** Clients that read, and how often each in one round. */
const CLIENTS = 8
const READS = 120

export default {
  what: `Milliseconds within which 99 of 100 requests of ${CLIENTS} reading clients are answered while 168 connections to each listener send slow heads and bodies, too large ones, noise and malformed requests, and come again whenever they are closed; beside the same without them. The disturbers share the machine.`,
  unit: 'ms',
  async *contests() {
    const served = await serveRecord(CLIENTS)
    const sockets = await openConnections(CLIENTS, served.tls)
    const load = async () => {
      const scripts = served.documents.map(
        // Signed when it is sent: what waits for long would be too old.
        (path): Script => Array.from({ length: READS }, () => () => served.request('GET', path)),
      )
      return p99((await play(sockets, scripts)).latencies)
    }
    yield {
      rounds: 5,
      sides: {
        disturbed: async () => {
          const { host, port, ca } = served.patients
          const traffic = [startHostileTraffic({ host, port, ca }), startHostileTraffic(served.tls)]
          await new Promise(resolve => setTimeout(resolve, 2000))
          try {
            return await load()
          } finally {
            for (const each of traffic) each.stop()
          }
        },
        undisturbed: load,
      },
      comparisons: [{ of: 'disturbed', against: 'undisturbed', target: { most: 2 } }],
    }
    for (const socket of sockets) socket.destroy()
    await served.stop()
  },
} satisfies Figure
