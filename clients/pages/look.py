"""Opens a page in a real browser and looks at it as its readers would.

Usage: look.py PAGE. Prints what is there as JSON, and what is wrong with it in `faults`: errors on the
console, requests to anywhere, text that is cut or too faint to read in light or dark, parts wider than
the window, links that lead nowhere, drawings without a name or with words over each other.
"""

import json
import pathlib
import sys

from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service

WIDTHS = [1280, 390]
SCHEMES = ["light", "dark"]
# WCAG 2.2, success criterion 1.4.3: 4.5 to 1 for text, 3 to 1 from 24 px, or 18.66 px in bold.
LOOK = pathlib.Path(__file__).with_name("look.js").read_text()


def browser():
    options = Options()
    options.binary_location = "/usr/bin/chromium"
    for flag in ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]:
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    return webdriver.Chrome(options=options, service=Service("/usr/bin/chromedriver"))


def asked_for(driver, page):
    """Lists what the page asked for beside itself."""
    others = []
    for row in driver.get_log("performance"):
        message = json.loads(row["message"])["message"]
        if message["method"] != "Network.requestWillBeSent":
            continue
        url = message["params"]["request"]["url"]
        if url != page and not url.startswith("data:"):
            others.append(url)
    return others


def main():
    page = pathlib.Path(sys.argv[1]).resolve().as_uri()
    driver = browser()
    seen = {}
    faults = []
    try:
        for scheme in SCHEMES:
            feature = {"name": "prefers-color-scheme", "value": scheme}
            driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})
            for width in WIDTHS:
                size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
                driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
                driver.get(page)
                seen = driver.execute_script(LOOK)
                faults += [f"{scheme}, {width} px: {fault}" for fault in seen.pop("faults")]
        faults += [f"console: {row['message']}" for row in driver.get_log("browser")]
        faults += [f"asked for {url}" for url in asked_for(driver, page)]
    finally:
        driver.quit()
    print(json.dumps({**seen, "faults": faults}))


main()
