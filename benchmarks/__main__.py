"""Run every benchmark of this folder in turn: python -m benchmarks."""

import pkgutil
from importlib import import_module

import benchmarks


def main() -> None:
    names = sorted(module.name for module in pkgutil.iter_modules(benchmarks.__path__))
    for name in names:
        if name != "__main__":
            print(f"--- {name}", flush=True)
            import_module(f"benchmarks.{name}").main()


if __name__ == "__main__":
    main()
