import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import t from 'tap'
import { RATES } from '../../src/api/limits.ts'
import { makeRateTable, networkName, networkOf, RateLimiter } from '../../src/api/rates.ts'

const { burst, perSecond } = RATES['sign-in']
const each = 1_000_000n / BigInt(perSecond)

t.test('a burst, then the rate; each client and each kind by itself', async t => {
  const table = makeRateTable()
  const limiter = new RateLimiter(table, 'sign-in')
  const first = limiter.take('192.0.2.1', 0n)
  t.same(first, { isAllowed: true, remaining: burst - 1, seconds: 1 })
  for (let i = 1; i < burst; i++) t.ok(limiter.take('192.0.2.1', 0n).isAllowed)
  t.same(limiter.take('192.0.2.1', 0n), { isAllowed: false, remaining: 0, seconds: 1 })
  t.ok(limiter.take('192.0.2.2', 0n).isAllowed)
  t.ok(new RateLimiter(table, 'read').take('192.0.2.1', 0n).isAllowed)
  t.notOk(limiter.take('192.0.2.1', each - 1n).isAllowed)
  t.ok(limiter.take('192.0.2.1', each).isAllowed)
  t.notOk(limiter.take('192.0.2.1', each).isAllowed)
  t.notOk(limiter.take('192.0.2.1', 0n).isAllowed, 'a clock set back gives nothing')
  t.equal(limiter.take('192.0.2.1', 3_600_000_000n).remaining, burst - 1, 'whole again after a while, and no more')
})

t.test('threads share one allowance', async t => {
  const table = makeRateTable()
  const rates = new URL('../../src/api/rates.ts', import.meta.url).href
  const code = `
    const { parentPort, workerData } = require('node:worker_threads')
    import(${JSON.stringify(rates)}).then(({ RateLimiter }) => {
      const limiter = new RateLimiter(workerData, 'sign-in')
      let allowed = 0
      for (let i = 0; i < ${burst}; i++) if (limiter.take('192.0.2.9', 0n).isAllowed) allowed++
      parentPort.postMessage(allowed)
    })`
  const counts = await Promise.all(
    [1, 2].map(async () => {
      const [allowed] = await once(new Worker(code, { eval: true, workerData: table }), 'message')
      return allowed as number
    }),
  )
  t.equal((counts[0] as number) + (counts[1] as number), burst)
})

t.test('one subscriber is one network, whose name tells nothing', async t => {
  t.equal(networkOf('::ffff:192.0.2.1'), '192.0.2.1')
  t.equal(networkOf('2001:db8:1:2::1'), networkOf('2001:db8:1:2:ffff::2'))
  t.not(networkOf('2001:db8:1:2::1'), networkOf('2001:db8:1:3::1'))
  t.equal(networkOf('2001:db8::1'), networkOf('2001:db8:0:0:9::'))
  const table = makeRateTable()
  t.equal(networkName(table, '192.0.2.1'), networkName(table, '::ffff:192.0.2.1'))
  t.not(networkName(table, '192.0.2.1'), networkName(makeRateTable(), '192.0.2.1'))
})
