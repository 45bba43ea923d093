import { useEffect, useRef, useState } from 'preact/hooks'
import { type Trouble, useApp } from '../context.ts'

/** Runs one thing at a time and holds what went wrong with the last. */
export function useBusy(): {
  readonly busy: boolean
  readonly trouble: Trouble | null
  run(work: () => Promise<void>): Promise<void>
} {
  const { tell } = useApp()
  const [busy, setBusy] = useState(false)
  const [trouble, setTrouble] = useState<Trouble | null>(null)
  const isThere = useRef(true)
  useEffect(() => {
    isThere.current = true
    return () => {
      isThere.current = false
    }
  }, [])
  return {
    busy,
    trouble,
    async run(work) {
      setBusy(true)
      setTrouble(null)
      try {
        await work()
      } catch (error) {
        const told = tell(error)
        if (isThere.current) setTrouble(told)
      } finally {
        if (isThere.current) setBusy(false)
      }
    },
  }
}

/** Loads what a screen shows; `reload` asks again and keeps the old value meanwhile. */
export function useLoaded<T>(load: () => Promise<T>): {
  readonly value: T | null
  readonly trouble: Trouble | null
  readonly busy: boolean
  reload(): void
  /** Puts a newer value in its place. */
  renew(value: T): void
} {
  const [value, setValue] = useState<T | null>(null)
  const { busy, trouble, run } = useBusy()
  const reload = () => void run(async () => setValue(await load()))
  useEffect(reload, [])
  return { value, trouble, busy: busy || (value === null && trouble === null), reload, renew: setValue }
}
