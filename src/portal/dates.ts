/** Dates, sizes and search, in the person's language. */
import type { Language } from './words/words.ts'

/** `24 novembre 2026` of `2026-11-24` or an instant; what is less than a day is shown as it is. */
export function dayOf(text: string, language: Language): string {
  const day = /^(\d{4})-(\d\d)-(\d\d)/.exec(text)
  if (day === null) return text
  const isDay = text.length === 10
  const date = isDay ? new Date(`${text}T12:00:00Z`) : new Date(text)
  if (Number.isNaN(date.getTime())) return text
  const options: Intl.DateTimeFormatOptions = { dateStyle: 'long', ...(isDay ? { timeZone: 'UTC' } : {}) }
  return formatter(language, options).format(date)
}

/** Made once each: to make one takes longer than to draw a line with it. */
const formatters = new Map<string, Intl.DateTimeFormat>()

function formatter(language: Language, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const name = JSON.stringify([language, options])
  const made = formatters.get(name) ?? new Intl.DateTimeFormat(localeOf(language), options)
  formatters.set(name, made)
  return made
}

/** `2,4 Mo`. */
export function sizeOf(bytes: number, language: Language): string {
  const units = language === 'fr' ? ['octets', 'ko', 'Mo', 'Go'] : ['bytes', 'kB', 'MB', 'GB']
  const step = Math.min(Math.floor(Math.log10(Math.max(bytes, 1)) / 3), units.length - 1)
  const value = new Intl.NumberFormat(localeOf(language), { maximumFractionDigits: step === 0 ? 0 : 1 })
  return `${value.format(bytes / 1000 ** step)} ${units[step]}`
}

/** A text without accents and capitals, to be searched. */
export function foldedOf(text: string): string {
  return text.normalize('NFD').replaceAll(/\p{M}/gu, '').toLowerCase()
}

const localeOf = (language: Language) => (language === 'fr' ? 'fr-FR' : 'en-GB')

/** `14:05` of an instant. */
export function timeOf(text: string, language: Language): string {
  return formatter(language, { timeStyle: 'short' }).format(new Date(text))
}
