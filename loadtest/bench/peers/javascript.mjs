// libphonenumber-js/max and google-libphonenumber as peers (see rounds.py): arguments are which of
// them, the folder that holds node_modules, the corpus, and how many lines of it.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { createInterface } from 'node:readline'

const [name, folder, corpus, count] = process.argv.slice(2)
const require = createRequire(`${folder}/`)

const international = text =>
  text[0] === '+' ? text : '+' + (text.startsWith('00') ? text.slice(2) : text)

// Each returns how much was answered, so that no answer can be optimised away.
const makers = {
  'libphonenumber-js/max': () => {
    const parse = require('libphonenumber-js/max').default
    return text => {
      const number = parse(international(text))
      if (!number) return 0
      const words = [number.country, number.format('E.164'), number.formatNational(), number.getType()]
      return words.join('').length + number.isValid()
    }
  },
  'google-libphonenumber': () => {
    const { PhoneNumberUtil, PhoneNumberFormat } = require('google-libphonenumber')
    const util = PhoneNumberUtil.getInstance()
    return text => {
      let number
      try {
        number = util.parse(international(text))
      } catch {
        return 0
      }
      const formats = [PhoneNumberFormat.E164, PhoneNumberFormat.NATIONAL]
      const words = [util.getRegionCodeForNumber(number), ...formats.map(each => util.format(number, each))]
      return words.join('').length + util.isValidNumber(number) + util.getNumberType(number)
    }
  },
}

const answer = makers[name]()
const texts = readFileSync(corpus, 'utf8').split('\n').slice(0, Number(count))
let answered = 0
for (const text of texts.slice(0, texts.length / 10)) answered += answer(text)
console.log('ready')
for await (const _ of createInterface({ input: process.stdin })) {
  const begin = performance.now()
  for (const text of texts) answered += answer(text)
  console.log((texts.length / (performance.now() - begin)) * 1000)
}
process.exit(answered ? 0 : 1)
