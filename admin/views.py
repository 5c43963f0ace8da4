"""Every view of the back office in the order of the rail. Areas add their line here; see `admin/base.py` for how."""

from __future__ import annotations

from flask_admin import BaseView

from admin.approvals import ApprovalsView
from admin.businesses import BusinessesView
from admin.catalog import ProductsView
from admin.categories import CategoriesView
from admin.certificates import CertificatesView
from admin.check import CheckView
from admin.history import HistoryView
from admin.mails import MailsView
from admin.messages import MessagesView
from admin.orders import OrdersView
from admin.outbox import OutboxView
from admin.outside import ServicesView
from admin.payments import PaymentsView
from admin.pricing import GroupsView, PriceBreaksView, PriceListsView, TaxRatesView
from admin.rail import BEHIND, BUYERS, CATALOGUE, SALES, SHOP
from admin.receivables import ReceivablesView
from admin.reconciliation import ReconciliationView
from admin.search import SearchView
from admin.shop import ShippingView, ShopFactsView, TextPagesView
from admin.stock import StockView
from admin.users import UsersView


def build_views() -> list[BaseView]:
    """New views for one app; the home page is added by `init_admin` itself."""
    return [
        SearchView(name="Search", endpoint="desk_search", url="search"),
        OrdersView(name="Orders", endpoint="orders_desk", url="orders", category=SALES),
        PaymentsView(name="Payments", endpoint="payments", category=SALES),
        ReceivablesView(name="Receivables", endpoint="receivables", category=SALES),
        ReconciliationView(name="Reconciliation", endpoint="reconciliation", category=SALES),
        ApprovalsView(name="Applications", endpoint="approvals", category=BUYERS),
        BusinessesView(name="Businesses", endpoint="businesses_desk", url="businesses", category=BUYERS),
        MessagesView(name="Messages", endpoint="messages", category=BUYERS),
        CertificatesView(name="Certificates", endpoint="certificates", category=BUYERS),
        GroupsView(name="Customer groups", endpoint="groups", category=BUYERS),
        UsersView(name="People", endpoint="users", category=BUYERS),
        ProductsView(name="Products", endpoint="products", category=CATALOGUE),
        CategoriesView(name="Categories", endpoint="categories", category=CATALOGUE),
        StockView(name="Stock", endpoint="stock", category=CATALOGUE),
        PriceListsView(name="Price lists", endpoint="price_lists", category=CATALOGUE),
        PriceBreaksView(name="Price breaks", endpoint="price_breaks", category=CATALOGUE),
        ShopFactsView(name="Shop facts", endpoint="shop_facts", category=SHOP),
        ShippingView(name="Shipping", endpoint="shipping", category=SHOP),
        TaxRatesView(name="Tax rates", endpoint="tax_rates", category=SHOP),
        TextPagesView(name="Text pages", endpoint="text_pages", category=SHOP),
        MailsView(name="Mails", endpoint="mails", category=BEHIND),
        OutboxView(name="Background jobs", endpoint="outbox", category=BEHIND),
        ServicesView(name="Outside services", endpoint="services", category=BEHIND),
        CheckView(name="Check", endpoint="check", category=BEHIND),
        HistoryView(name="History", endpoint="history", category=BEHIND),
    ]
