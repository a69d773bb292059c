import { isShape, type LazyTensor } from "../tensor/index.js";
import { GroupconvError } from "../util/errors.js";
import { printable } from "../util/text.js";
import type { Attribute, Int } from "./attribute.js";
import { Scanner, type Token } from "./text-scanner.js";
import type {
  GraphSyntax,
  HeaderSyntax,
  ModelSyntax,
  NodeSyntax,
  ValueSyntax,
} from "./text-syntax.js";
import { FilledTensor, integerOf, numberOf, tensorOfLiterals } from "./text-tensor.js";
import { dtypeOfWord, isOpaqueWord, isSpecialFloat } from "./text-words.js";
import { type Dim, staticShape, type TensorType } from "./types.js";

/** Graphs within graphs: more than any model has, few enough for the stack. */
const MAX_DEPTH = 50;

/** Recursive descent, about a method a rule of the grammar that `parseModel` describes. */
export class TextParser {
  readonly #scanner: Scanner;
  #depth = 0;

  constructor(text: string) {
    this.#scanner = new Scanner(text);
  }

  model(): ModelSyntax {
    const header = this.#scanner.takes("<") ? this.#header() : {};
    const graph = this.#graph(this.#name("the name of a graph").text);
    if (this.#scanner.next.kind !== "end")
      this.#scanner.fail("expected the end of the text (functions are not part of this form)");
    return { header, graph };
  }

  /** An error about something read before. */
  error(token: Token, message: string): GroupconvError {
    return this.#scanner.error(token, message);
  }

  #header(): HeaderSyntax {
    const header: { -readonly [K in keyof HeaderSyntax]: HeaderSyntax[K] } = {};
    do {
      const key = this.#scanner.take();
      this.#scanner.expect(":");
      switch (key.text) {
        case "ir_version":
          header.irVersion = Number(this.#integer());
          break;
        case "opset_import":
          header.opsets = this.#entries(() => Number(this.#integer()));
          break;
        case "producer_name":
          header.producerName = this.#string();
          break;
        case "producer_version":
          header.producerVersion = this.#string();
          break;
        case "domain":
          header.domain = this.#string();
          break;
        case "model_version":
          header.modelVersion = this.#integer();
          break;
        case "doc_string":
          header.docString = this.#string();
          break;
        case "metadata_props":
          header.metadata = this.#entries(() => this.#string());
          break;
        default:
          throw this.error(key, `"${printable(key.text, 40)}" is no key of a model's header`);
      }
    } while (this.#scanner.takes(","));
    this.#scanner.expect(">");
    return header;
  }

  #entries<T>(value: () => T): Map<string, T> {
    this.#scanner.expect("[");
    const entries = this.#list("]", (): [string, T] => {
      const key = this.#string();
      this.#scanner.expect(":");
      return [key, value()];
    });
    return new Map(entries);
  }

  #graph(name: string): GraphSyntax {
    if (++this.#depth > MAX_DEPTH)
      this.#scanner.fail(`expected no more than ${MAX_DEPTH} graphs in one another`);
    this.#scanner.expect("(");
    const inputs = this.#list(")", () => this.#value());
    this.#scanner.expect("=>");
    this.#scanner.expect("(");
    const outputs = this.#list(")", () => this.#value());
    const values = this.#scanner.takes("<") ? this.#list(">", () => this.#value()) : [];
    this.#scanner.expect("{");
    const nodes: NodeSyntax[] = [];
    while (!this.#scanner.takes("}")) nodes.push(this.#node());
    this.#depth--;
    return { name, inputs, outputs, values, nodes };
  }

  #value(): ValueSyntax {
    const { kind, text } = this.#scanner.next;
    if (kind === "name" && isOpaqueWord(text))
      this.#scanner.fail("expected a tensor (other types are not part of this form)");
    const type = kind === "name" && dtypeOfWord(text) ? this.#type() : null;
    const name = this.#name("the name of a value");
    const tensor = this.#scanner.takes("=") ? this.#tensor(type, name, name.text) : null;
    return { name, type, tensor };
  }

  #type(): TensorType {
    const dtype = dtypeOfWord(this.#scanner.take().text)!;
    if (!this.#scanner.takes("[")) return { kind: "tensor", dtype, shape: [] };
    if (this.#scanner.takes("]")) return { kind: "tensor", dtype, shape: null };
    return { kind: "tensor", dtype, shape: this.#list("]", () => this.#dim()) };
  }

  #dim(): Dim {
    if (this.#scanner.takes("?")) return null;
    const token = this.#scanner.next;
    if (token.kind === "name" || token.kind === "string") return this.#scanner.take().text;
    const size = this.#integer();
    if (typeof size === "bigint" || size < 0)
      throw this.error(token, `size=${size} must be from 0 to 2^53`);
    return size;
  }

  /** `{1, 2}`, or `{}` to have the elements filled. */
  #tensor(type: TensorType | null, at: Token, label: string): LazyTensor {
    const shape = staticShape(type);
    if (!type || !shape || !isShape(shape))
      throw this.error(at, "a tensor with elements needs a type with a shape of numbers");
    this.#scanner.expect("{");
    const literals = this.#list("}", () => this.#number());
    if (literals.length === 0) return new FilledTensor(type.dtype, shape, label);
    try {
      return tensorOfLiterals(type.dtype, shape, literals);
    } catch (cause) {
      throw cause instanceof GroupconvError ? this.error(at, cause.message) : cause;
    }
  }

  #number(): string {
    const { kind, text } = this.#scanner.next;
    const isNumber =
      kind === "int" || kind === "float" || (kind === "name" && isSpecialFloat(text));
    return isNumber ? this.#scanner.take().text : this.#scanner.fail("expected a number");
  }

  #node(): NodeSyntax {
    let label = "";
    if (this.#scanner.takes("[")) {
      if (!this.#scanner.sees("]")) label = this.#name("the name of a node").text;
      this.#scanner.expect("]");
    }
    const outputs = this.#names("=");
    this.#scanner.expect("=");
    const path = [this.#operator()];
    while (this.#scanner.takes(".")) path.push(this.#operator());
    const op = path.pop()!;
    const where = label || outputs[0]?.text || op;
    const before = this.#attributes(where);
    this.#scanner.expect("(");
    const inputs = this.#names(")");
    this.#scanner.expect(")");
    const attributes = before.size > 0 ? before : this.#attributes(where);
    return { label, outputs, domain: path.join("."), op, attributes, inputs };
  }

  #operator(): string {
    return this.#scanner.expectKind("name", "an operator").text;
  }

  /** Names up to a mark. One that is left out is `""`, or nothing before a comma. */
  #names(end: string): Token[] {
    const names: Token[] = [];
    while (!this.#scanner.sees(end)) {
      const leftOut = this.#scanner.sees(",");
      names.push(leftOut ? { ...this.#scanner.next, text: "" } : this.#name("the name of a value"));
      if (!this.#scanner.takes(",")) break;
    }
    return names;
  }

  #attributes(where: string): Map<string, Attribute | GraphSyntax> {
    const attributes = new Map<string, Attribute | GraphSyntax>();
    if (!this.#scanner.takes("<")) return attributes;
    do {
      const name = this.#scanner.expectKind("name", "the name of an attribute");
      if (attributes.has(name.text)) throw this.error(name, `"${name.text}" is given twice`);
      const type = this.#scanner.takes(":") ? this.#scanner.take() : undefined;
      this.#scanner.expect("=");
      const value = this.#attribute(`${where}.${name.text}`, type?.text);
      if (type && "type" in value && value.type !== "reference" && value.type !== type.text)
        throw this.error(
          type,
          `"${name.text}" is of type ${value.type}, not ${printable(type.text)}`,
        );
      attributes.set(name.text, value);
    } while (this.#scanner.takes(","));
    this.#scanner.expect(">");
    return attributes;
  }

  /** @param type As annotated: it makes floats of whole numbers, and says what an empty list is of. */
  #attribute(label: string, type: string | undefined): Attribute | GraphSyntax {
    const token = this.#scanner.next;
    if (this.#scanner.takes("@"))
      return { type: "reference", value: this.#name("the name of an attribute").text };
    if (this.#scanner.takes("[")) return this.#listAttribute(token, type);
    if (token.kind === "string") {
      const { text } = this.#scanner.take();
      return this.#scanner.sees("(") ? this.#graph(text) : { type: "string", value: text };
    }
    if (token.kind === "name" && dtypeOfWord(token.text)) {
      const tensor = this.#type();
      this.#scanner.takes("=");
      return { type: "tensor", value: this.#tensor(tensor, token, label) };
    }
    if (token.kind === "name" && !isSpecialFloat(token.text))
      return this.#graph(this.#scanner.take().text);
    const literal = this.#number();
    return token.kind === "int" && type !== "float"
      ? { type: "int", value: integerOf(literal) }
      : { type: "float", value: numberOf(literal) };
  }

  #listAttribute(at: Token, type: string | undefined): Attribute {
    if (this.#scanner.next.kind === "string")
      return { type: "strings", value: this.#list("]", () => this.#string()) };
    const literals = this.#list("]", () => this.#number());
    if (literals.length === 0) {
      if (type === "ints" || type === "floats" || type === "strings") return { type, value: [] };
      throw this.error(at, "an empty list must say its type: `name: ints = []`");
    }
    return type !== "floats" && literals.every((literal) => /^-?\d+$/.test(literal))
      ? { type: "ints", value: literals.map(integerOf) }
      : { type: "floats", value: literals.map(numberOf) };
  }

  #name(what: string): Token {
    const { kind } = this.#scanner.next;
    return kind === "string" ? this.#scanner.take() : this.#scanner.expectKind("name", what);
  }

  #string(): string {
    return this.#scanner.expectKind("string", "a string").text;
  }

  #integer(): Int {
    return integerOf(this.#scanner.expectKind("int", "a whole number").text);
  }

  #list<T>(close: string, item: () => T): T[] {
    const items: T[] = [];
    if (this.#scanner.takes(close)) return items;
    do items.push(item());
    while (this.#scanner.takes(","));
    this.#scanner.expect(close);
    return items;
  }
}
