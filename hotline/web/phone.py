from flask import Blueprint

routes = Blueprint("phone", __name__)
