import t from 'tap'
import { RateLimiter } from '../../src/api/limits.ts'

t.test('a burst, then the rate; each network by itself', async t => {
  const limiter = new RateLimiter({ burst: 3, perSecond: 1 })
  const taken = (address: string, now: number) => limiter.take(address, now)
  t.strictSame(
    [0, 0, 0, 0].map(now => taken('192.0.2.1', now)),
    [true, true, true, false],
  )
  t.equal(taken('192.0.2.2', 0), true)
  t.equal(taken('::ffff:192.0.2.1', 0), false, 'the same address, written otherwise')
  t.equal(taken('192.0.2.1', 900), false)
  t.equal(taken('192.0.2.1', 1000), true)
  t.equal(taken('192.0.2.1', 1000), false)
  t.equal(taken('192.0.2.1', 500), false, 'a clock set back gives nothing')
})

t.test('one IPv6 subscriber is one network', async t => {
  const limiter = new RateLimiter({ burst: 1, perSecond: 0 })
  t.equal(limiter.take('2001:db8:1:2::1', 0), true)
  t.equal(limiter.take('2001:db8:1:2:ffff::2', 0), false)
  t.equal(limiter.take('2001:db8:1:3::1', 0), true)
  t.equal(limiter.take('2001:db8::1', 0), true)
  t.equal(limiter.take('2001:db8:0:0:9::', 0), false)
})

t.test('memory is bounded', async t => {
  const limiter = new RateLimiter({ burst: 1, perSecond: 0 })
  for (let i = 0; i < 10_001; i++) limiter.take(`10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`, 0)
  t.equal(limiter.take('10.0.39.16', 0), false, 'a late one is remembered')
  t.equal(limiter.take('10.0.0.0', 0), true, 'the first was forgotten')
})
