import t from 'tap'
import { clockFor } from '../../src/client/clock.ts'

t.test('another clock is for development only', async t => {
  const tomorrow = () => new Date(Date.now() + 86_400_000)
  t.equal(clockFor({ development: true }, tomorrow), tomorrow)
  t.throws(() => clockFor({ development: false }, tomorrow), { code: 'clock-refused' })
  const own = clockFor({ development: false }, () => new Date())
  t.ok(Math.abs(own().getTime() - Date.now()) < 1000)
  t.ok(clockFor({ development: false })() instanceof Date)
})
