// Elements of an XML file as they are parsed, with their places.
import type { Span } from '#contract/diagnostic'

export interface XmlAttribute {
  readonly local: string
  readonly uri: string
  readonly value: string
  readonly span: Span
}

export interface XmlElement {
  readonly local: string
  readonly uri: string
  readonly attributes: readonly XmlAttribute[]
  readonly children: readonly XmlElement[]
  /** Trimmed text of its own, all pieces together; undefined when blank. */
  readonly text: string | undefined
  readonly textSpan: Span | undefined
  readonly span: Span
}
