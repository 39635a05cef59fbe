"""The server that is run against, as its owner sees it: signs in, and asks what there is."""

import requests

# Nobody but the owner may do most things. What a role may not do is refused before anything is read; the tests in
# tests/http/laws/matrix hold every role to that, so a run leaves it out.
OPEN_TO_ALL = {"none", "signed_in", "customer", "any_key"}

# Parameters and members that name something, and where the server lists such things.
LISTS = {
    "node_id": ("nodes", "id"),
    "site_id": ("nodes", "id"),
    "parent_id": ("nodes", "id"),
    "store_id": ("nodes?kind=store", "id"),
    "template_id": ("coupon-templates", "id"),
    "customer_id": ("customers", "id"),
    "staff_id": ("staff?role=clerk", "id"),
    "blueprint_id": ("blueprints", "id"),
    "batch_id": ("code-batches", "id"),
    "redemption_id": ("redemptions", "id"),
    "coupon_id": ("redemptions", "coupon_id"),
    "request_id": ("unredeem-requests", "id"),
    "account_id": ("ledger/accounts", "id"),
    "adjustment_id": ("ledger/adjustments", "id"),
    "transaction_id": ("ledger/adjustments?state=approved", "transaction_id"),
    "endpoint_id": ("webhook-endpoints", "id"),
    "delivery_id": ("webhook-deliveries", "id"),
    "audit_id": ("audit", "id"),
    "category_id": ("categories", "id"),
    "product_id": ("products", "id"),
    "sku_id": ("stock", "sku_id"),
    "transfer_id": ("stock-transfers", "id"),
    "from_site_id": ("nodes?kind=store", "id"),
    "to_site_id": ("nodes?kind=site", "id"),
    "local_day": ("store-days", "local_day"),
}
# Not listed anywhere, or not by whoever asks.
WORDS = {
    "key": ["brand_name", "slogan", "main_colour", "review_policy", "unredeem_window", "banner", "modules"],
    "role": ["clerk", "store_manager", "marketer"],
    "version": [1, 2, 3, 4],
}


class House:
    """The server, as its owner sees it."""

    def __init__(self, base):
        self.base = base
        self.owner = None

    def sign_in(self, path, **ask):
        answer = requests.post(f"{self.base}/{path}", json=ask, timeout=30)
        answer.raise_for_status()
        return answer.json()["token"]

    def make_key(self):
        """A key of an integration that may do whatever a key may do, in the whole brand."""
        document = requests.get(f"{self.base}/openapi/admin.json", timeout=30).json()
        scopes = document["components"]["schemas"]["IntegrationScope"]["enum"]
        return self.post("admin/v1/api-keys", site_id=self.head(), name="fuzz", scopes=scopes)["token"]

    def make_receiver(self):
        """An endpoint of webhooks, and a delivery to it."""
        ask = {"site_id": self.head(), "name": "fuzz", "event_types": [], "url": "https://receiver.invalid/huike"}
        self.post("admin/v1/webhook-endpoints", **ask)
        endpoint = self.get("admin/v1/webhook-endpoints").json()["items"][0]["id"]
        self.post(f"admin/v1/webhook-endpoints/{endpoint}/test")

    def head(self):
        return self.get("admin/v1/nodes?kind=head").json()["items"][0]["id"]

    def post(self, path, **ask):
        answer = requests.post(f"{self.base}/{path}", json=ask or None, headers=self.bearer(), timeout=30)
        answer.raise_for_status()
        return answer.json()

    def bearer(self, token=None):
        return {"Authorization": f"Bearer {token or self.owner}"}

    def get(self, path, token=None):
        answer = requests.get(f"{self.base}/{path}", headers=self.bearer(token), timeout=30)
        answer.raise_for_status()
        return answer

    def knows(self, audience, token):
        path = {"open": "open/v1/key", "app": "app/v1/me", "admin": "admin/v1/me"}[audience]
        try:
            return self.get(path, token).ok
        except requests.RequestException:
            return False

    def permitted(self, audience, token):
        """The ids of the operations that whoever holds the token may call."""
        held = set(OPEN_TO_ALL)
        if audience == "admin":
            held.update(self.get("admin/v1/me", token).json()["permissions"])
        document = requests.get(f"{self.base}/openapi/{audience}.json", timeout=30).json()
        operations = [operation for path in document["paths"].values() for operation in path.values()]
        return [
            operation["operationId"]
            for operation in operations
            if audience == "open" or operation["x-huike-permission"] in held
        ]

    def places(self, token):
        """The nodes where a member of staff holds a role."""
        return [role["site_id"] for role in self.get("admin/v1/me", token).json()["roles"]]

    def places_of(self, known):
        """The nodes that know a customer, and where a member of staff holds a role, by their id."""
        places = {}
        for customer in known["customer_id"][:10]:
            sites = self.get(f"admin/v1/customers/{customer}").json()["sites"]
            places[customer] = [site["site_id"] for site in sites]
        for staff in known["staff_id"][:10]:
            roles = self.get(f"admin/v1/staff/{staff}").json()["roles"]
            places[staff] = [role["site_id"] for role in roles]
        return {whose: sites for whose, sites in places.items() if sites}

    def what_there_is(self, customer):
        """Values of parameters by name."""
        known = dict(WORDS)
        for name, (place, member) in LISTS.items():
            sign = "&" if "?" in place else "?"
            items = self.get(f"admin/v1/{place}{sign}limit=40").json()["items"]
            values = list(dict.fromkeys(item[member] for item in items))
            if values:
                known[name] = values
        channels = []
        for template in known["template_id"][:20]:
            items = self.get(f"admin/v1/coupon-templates/{template}/channels").json()["items"]
            channels += [item["id"] for item in items]
        known["channel_id"] = channels[:40]
        wallet = self.get("app/v1/coupons?limit=20", customer).json()["items"]
        coupons = [item["id"] for item in wallet]
        known["coupon_id"] = coupons + known["coupon_id"][:20]
        known["code"] = [self.get(f"app/v1/coupons/{coupon}", customer).json().get("code") for coupon in coupons[:10]]
        known["code"] = [code for code in known["code"] if code]
        for batch in known["batch_id"][:5]:
            lines = self.get(f"admin/v1/code-batches/{batch}/codes").text.splitlines()[1:9]
            known["code"] += [line.split(",")[0] for line in lines]
        return {name: values for name, values in known.items() if values}
