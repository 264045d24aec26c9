/** The part of the WebAssembly interface that this package uses: TypeScript has it in the library of browsers only. */
declare namespace WebAssembly {
  class Memory {
    constructor(shape: { initial: number; maximum: number; shared: boolean });
    readonly buffer: SharedArrayBuffer;
    grow(pages: number): number;
  }
  interface Module {
    /** Tells a module from other objects; never read. */
    readonly compiled: true;
  }
  const Module: new (bytes: Uint8Array) => Module;
  class Instance {
    constructor(
      module: Module,
      imports: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
    );
    readonly exports: Readonly<Record<string, unknown>>;
  }
}
