// Scenarios in which something goes wrong.

import { chain, thing } from "../resource.ts";
import type { Scenario } from "../scenario.ts";

export const failures: readonly Scenario[] = [
  {
    name: "protected resources are not deleted, the others are",
    steps: [
      { run: ["up"], resources: [thing("a", {}, { protect: true }), thing("b"), thing("c", { v: "=a.computed" })] },
      { run: ["destroy"] },
      { run: ["up"], resources: [thing("a", {}, { protect: false }), thing("b")] },
      { run: ["destroy"] },
    ],
  },
  {
    name: "a protected resource is not replaced",
    steps: [
      { run: ["up"], resources: [thing("a", { r: "1" }, { protect: true })] },
      { run: ["up"], resources: [thing("a", { r: "2" }, { protect: true })] },
    ],
  },
  {
    name: "a create that fails stops the rest",
    steps: [
      { run: ["up"], resources: chain, world: { fail: { b: { method: "create", message: "no room" } } } },
      { run: ["up"], resources: chain },
    ],
  },
  {
    name: "a create that half fails is kept and brought on by an update",
    steps: [
      {
        run: ["up"],
        resources: [thing("a", { v: "1" })],
        world: { fail: { a: { method: "create", message: "not ready", partial: true } } },
      },
      { run: ["preview"], resources: [thing("a", { v: "1" })] },
    ],
  },
  {
    name: "an update that fails keeps the old state",
    steps: [
      { run: ["up"], resources: [thing("a", { v: "1" }), thing("b", { v: "=a.computed" })] },
      {
        run: ["up"],
        resources: [thing("a", { v: "2" }), thing("b", { v: "=a.computed" })],
        world: { fail: { a: { method: "update", message: "busy" } } },
      },
      { run: ["up"], resources: [thing("a", { v: "2" }), thing("b", { v: "=a.computed" })] },
    ],
  },
  {
    name: "a delete that fails keeps what it depends on",
    steps: [
      { run: ["up"], resources: chain },
      { run: ["destroy"], world: { fail: { c: { method: "delete", message: "in use" } } } },
      { run: ["destroy"] },
    ],
  },
  {
    name: "a replacement that cannot be created leaves the old one",
    steps: [
      { run: ["up"], resources: [thing("a", { r: "1" })] },
      {
        run: ["up"],
        resources: [thing("a", { r: "2" })],
        world: { fail: { a: { method: "create", message: "no room" } } },
      },
    ],
  },
  {
    name: "a replaced resource that cannot be deleted waits for it",
    steps: [
      { run: ["up"], resources: [thing("a", { r: "1" })] },
      {
        run: ["up"],
        resources: [thing("a", { r: "2" })],
        world: { fail: { a: { method: "delete", message: "in use" } } },
      },
      { run: ["up"], resources: [thing("a", { r: "2" })] },
    ],
  },
  {
    name: "a delete before its replacement that fails to be created is made up for",
    steps: [
      { run: ["up"], resources: [thing("a", { r: "1", dbr: true }), thing("b", { r: "=a.id" })] },
      {
        run: ["up"],
        resources: [thing("a", { r: "2", dbr: true }), thing("b", { r: "=a.id" })],
        world: { fail: { a: { method: "create", message: "no room" } } },
      },
      { run: ["up"], resources: [thing("a", { r: "2", dbr: true }), thing("b", { r: "=a.id" })] },
    ],
  },
  {
    name: "inputs that the provider refuses",
    steps: [
      { run: ["preview"], resources: [thing("a", { invalid: "too long" })] },
      { run: ["up"], resources: [thing("a", { invalid: "too long" })] },
    ],
  },
  {
    name: "a program that throws deletes nothing and keeps outputs",
    steps: [
      { run: ["up"], resources: [thing("a"), thing("b")], outputs: { one: 1, two: "=b.computed" } },
      { run: ["up"], resources: [thing("a")], outputs: { one: 2 }, throws: "on purpose" },
    ],
  },
  {
    name: "--continue-on-error leaves out only what depends on the failure",
    steps: [
      {
        run: ["up", "--continue-on-error"],
        resources: [...chain, thing("d", {}, { dependsOn: ["a"] })],
        world: { fail: { b: { method: "create", message: "no room" } } },
      },
      { run: ["destroy", "--continue-on-error"], world: { fail: { d: { method: "delete", message: "in use" } } } },
    ],
  },
];
